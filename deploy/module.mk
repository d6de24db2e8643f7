# SPDX-License-Identifier: Apache-2.0
# What is installed, and where. PREFIX, LIBEXECDIR, UNITDIR and DESTDIR are respected; state and configuration are never removed.
PROGRAMS += busbar-keys
busbar-keys_SRCS := deploy/keys/main.c

DAEMONS := alarmd busd collect-snmp collect-snmptrap historyd notifyd shutdownd webd
LIBEXECDIR ?= $(PREFIX)/libexec/busbar
SHAREDIR := $(PREFIX)/share/busbar
UNITS := $(notdir $(wildcard deploy/systemd/*.service deploy/systemd/*.socket deploy/systemd/*.target))
DROPINS := $(patsubst deploy/systemd/%,%,$(wildcard deploy/systemd/*.d/*.conf))
UI_DIST := webd/ui/dist
INSTALL_PROGRAM := install -D -m 0755
INSTALL_DATA := install -D -m 0644

install: install-programs install-data install-units ## install below DESTDIR (afterwards, as root: docs/install.md)

install-programs: $(patsubst %,$(B)/bin/%,$(DAEMONS) busbarctl busbar-keys)
	$(Q)for d in $(DAEMONS); do $(INSTALL_PROGRAM) $(B)/bin/$$d $(DESTDIR)$(LIBEXECDIR)/$$d || exit 1; done
	$(Q)$(INSTALL_PROGRAM) $(B)/bin/busbarctl $(DESTDIR)$(PREFIX)/bin/busbarctl
	$(Q)$(INSTALL_PROGRAM) $(B)/bin/busbar-keys $(DESTDIR)$(PREFIX)/sbin/busbar-keys

install-data:
	$(Q)test -e $(UI_DIST)/index.html || { echo "$(UI_DIST) is not built: run deploy/build first" >&2; exit 1; }
	$(Q)for f in collectors/profiles/*.profile; do $(INSTALL_DATA) $$f $(DESTDIR)$(SHAREDIR)/profiles/$${f##*/} || exit 1; done
	$(Q)for f in collectors/profiles/*.traps; do $(INSTALL_DATA) $$f $(DESTDIR)$(SHAREDIR)/profiles/$${f##*/} || exit 1; done
	$(Q)for f in deploy/migrations/*.sql; do $(INSTALL_DATA) $$f $(DESTDIR)$(SHAREDIR)/migrations/$${f##*/} || exit 1; done
	$(Q)cd $(UI_DIST) && find . -type f | while read -r f; do \
		$(INSTALL_DATA) "$$f" $(abspath $(DESTDIR)/)$(SHAREDIR)/web/"$${f#./}" || exit 1; done

# The units name /usr/libexec/busbar, so that they can be read and checked as they are.
install-units:
	$(Q)for u in $(UNITS); do $(INSTALL_DATA) deploy/systemd/$$u $(DESTDIR)$(UNITDIR)/$$u && \
		sed -i 's|/usr/libexec/busbar/|$(LIBEXECDIR)/|' $(DESTDIR)$(UNITDIR)/$$u || exit 1; done
	$(Q)for f in $(DROPINS); do $(INSTALL_DATA) deploy/systemd/$$f $(DESTDIR)$(UNITDIR)/$$f || exit 1; done
	$(Q)$(INSTALL_DATA) deploy/sysusers.d/busbar.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/busbar.conf
	$(Q)$(INSTALL_DATA) deploy/tmpfiles.d/busbar.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/busbar.conf

uninstall: ## remove what install put there; configuration and state stay
	rm -rf $(DESTDIR)$(SHAREDIR) $(addprefix $(DESTDIR)$(UNITDIR)/,$(dir $(DROPINS)))
	rm -f $(patsubst %,$(DESTDIR)$(LIBEXECDIR)/%,$(DAEMONS))
	-rmdir $(DESTDIR)$(LIBEXECDIR)
	rm -f $(patsubst %,$(DESTDIR)$(UNITDIR)/%,$(UNITS)) $(DESTDIR)$(PREFIX)/bin/busbarctl $(DESTDIR)$(PREFIX)/sbin/busbar-keys \
		$(DESTDIR)$(PREFIX)/lib/sysusers.d/busbar.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/busbar.conf

.PHONY: install install-programs install-data install-units uninstall
