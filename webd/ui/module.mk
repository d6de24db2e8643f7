# SPDX-License-Identifier: Apache-2.0
# The browser interface. dist/ is built by node (18 or newer) and is the same whatever VARIANT is; a release carries it built.
UI := webd/ui
UI_SOURCES := common/point.def $(wildcard $(UI)/*.mjs $(UI)/*.json $(UI)/public/* $(UI)/styles/* $(UI)/src/*.tsx $(UI)/src/*/*.ts $(UI)/src/*/*.tsx $(UI)/src/*/*.json)

ui: $(UI)/dist/index.html.gz ## build the browser interface (webd/ui/dist)

# Not "npm ci": it refuses a lock file from a registry that lacks some optional packages of other platforms. Versions are exact anyway.
$(UI)/node_modules/.package-lock.json: $(UI)/package-lock.json
	$(call say,NPM,$(UI))
	@command -v npm >/dev/null || { echo "npm is missing; install the package npm or use a release that carries $(UI)/dist" >&2; exit 1; }
	$(Q)cd $(UI) && flock . npm install --no-save --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json

$(UI)/dist/index.html.gz: $(UI)/node_modules/.package-lock.json $(UI_SOURCES)
	$(call say,UI,$@)
	$(Q)cd $(UI) && flock . node build.mjs $(if $(filter 0,$(V)),>/dev/null)

ui-check: $(UI)/node_modules/.package-lock.json ## types, style and texts of the browser interface
	$(Q)cd $(UI) && npm run --silent check

ui-test: ui ## unit tests and size budgets of the browser interface
	$(Q)cd $(UI) && npm test --silent

.PHONY: ui ui-check ui-test
