# SPDX-License-Identifier: Apache-2.0
"""Readings of the other project that are not the truth, recording by recording, with the reason.

They are left out of the share that must be right; a line that has become superfluous fails the test. The profile of the family explains
each case.
"""

NOTHING = 'the number stands for nothing measured (all ones, a sensor that is not there); ours is unknown'
ZERO = 'the device writes 0 for what it does not measure; ours is unknown'
SCALE = 'another scale or unit than the device has'
TWICE = 'one quantity read from two objects; it is one point of ours'
CLASS = 'filed under a quantity it is not'

# recording, reason, OIDs ('*': whatever follows)
READINGS = (
    ('akcp_serverprobe8', NOTHING, '1.3.6.1.4.1.3854.1.2.2.1.17.1.13.*'),
    ('apc_environmental-manager', NOTHING, '1.3.6.1.4.1.318.1.1.10.4.2.3.1.6.0.1 1.3.6.1.4.1.318.1.1.10.4.2.3.1.6.0.2'),
    ('tpdin3', NOTHING, '1.3.6.1.4.1.45621.3.3.23.0'),
    ('enexus', NOTHING, '1.3.6.1.4.1.12148.10.10.7.5.0'),
    ('enexus_enexus', NOTHING, '1.3.6.1.4.1.12148.10.10.7.5.0'),
    ('vertiv-dcs', NOTHING, '1.3.6.1.4.1.13400.3.2.225.1.1.7.1 1.3.6.1.4.1.13400.3.2.225.1.1.7.2 1.3.6.1.4.1.13400.3.4.491.1.1.* '
     '1.3.6.1.4.1.13400.3.3.3031.1.1.58.1 1.3.6.1.4.1.13400.3.3.3031.1.1.59.1'),
    ('huaweiups_ups2000', NOTHING, '1.3.6.1.2.1.33.1.2.3.0'),
    ('netagent2', NOTHING, '1.3.6.1.4.1.935.1.1.1.2.2.4.0'),
    ('netmanplus_208', NOTHING, '1.3.6.1.2.1.33.1.2.6.0'),
    ('netvision-rfc', NOTHING, '1.3.6.1.2.1.33.1.3.3.1.4.1 1.3.6.1.2.1.33.1.5.3.1.3.1 1.3.6.1.2.1.33.1.2.6.0 1.3.6.1.2.1.33.1.3.3.1.5.1 '
     '1.3.6.1.2.1.33.1.5.3.1.4.1 1.3.6.1.2.1.33.1.2.3.0'),
    ('poweralert_ups', NOTHING, '1.3.6.1.2.1.33.1.2.7.0'),

    ('abbups_abbups', ZERO, '1.3.6.1.2.1.33.1.4.4.1.4.1 1.3.6.1.2.1.33.1.4.4.1.4.2 1.3.6.1.2.1.33.1.2.7.0'),
    ('cxrc_cxrc', ZERO, '1.3.6.1.4.1.7309.4.1.6.2.2.1.3.7'),
    ('cyberpower_cp1000pfclcd', ZERO, '1.3.6.1.4.1.3808.1.1.1.4.2.2.0'),
    ('eaton-mgeups_5px', ZERO, '1.3.6.1.2.1.33.1.3.3.1.4.1 1.3.6.1.2.1.33.1.3.3.1.5.1 1.3.6.1.4.1.534.1.6.1.0 1.3.6.1.2.1.33.1.2.7.0'),
    ('eaton-mgeups_93ps', ZERO, '1.3.6.1.2.1.33.1.3.3.1.5.*'),
    ('eaton-mgeups_9px', ZERO, '1.3.6.1.2.1.33.1.3.3.1.4.1 1.3.6.1.2.1.33.1.3.3.1.5.1 1.3.6.1.2.1.33.1.2.7.0'),
    ('marathonups', ZERO, '1.3.6.1.2.1.33.1.2.3.0'),
    ('netmanplus_208', ZERO, '1.3.6.1.2.1.33.1.3.3.1.5.*'),
    ('netmanplus_mct20', ZERO, '1.3.6.1.2.1.33.1.3.3.1.5.*'),
    ('orvaldi-ups', ZERO, '1.3.6.1.2.1.33.1.3.3.1.4.1 1.3.6.1.2.1.33.1.3.3.1.5.1'),
    ('powerwalker-vfi_20kcpgpf133', ZERO, '1.3.6.1.2.1.33.1.4.4.1.4.2 1.3.6.1.2.1.33.1.4.4.1.4.3'),

    ('sensatronics-em1', SCALE, '1.3.6.1.4.1.16174.1.1.3.3.*'),
    ('webmon_matrix', SCALE, '1.3.6.1.4.1.994.3.4.7.18.1.66.2'),
    ('snr-erd', SCALE, '1.3.6.1.4.1.40418.2.6.1.30.1.1.6.2186281172'),
    ('sinetica', SCALE, '1.3.6.1.4.1.13891.101.4.4.1.4.1 1.3.6.1.4.1.13891.101.3.3.1.3.* 1.3.6.1.4.1.13891.101.4.4.1.2.*'),
    ('enexus', SCALE, '1.3.6.1.4.1.12148.10.5.2.5.0 1.3.6.1.4.1.12148.10.9.2.5.0'),
    ('enexus_smartpacks2', SCALE, '1.3.6.1.4.1.12148.10.9.2.5.0'),
    ('vertiv-dcs', SCALE, '1.3.6.1.4.1.13400.3.2.225.1.1.8.1 1.3.6.1.4.1.13400.3.2.225.1.1.8.2'),
    ('deltaups_mini-snmp', SCALE, '1.3.6.1.2.1.33.1.4.4.1.2.1 1.3.6.1.2.1.33.1.3.3.1.3.1 1.3.6.1.2.1.33.1.5.3.1.2.1'),
    ('huaweiups_ups2000', SCALE, '1.3.6.1.2.1.33.1.3.3.1.2.1 1.3.6.1.2.1.33.1.4.2.0 1.3.6.1.2.1.33.1.5.1.0 1.3.6.1.2.1.33.1.4.4.1.4.1'),
    ('netagent2_2', SCALE, '1.3.6.1.4.1.13409.1.1.1.0'),

    ('dell-ups_tower1000w', TWICE, '1.3.6.1.2.1.33.1.2.3.0'),
    ('poweralert_ups', TWICE, '1.3.6.1.2.1.33.1.2.4.0 1.3.6.1.2.1.33.1.4.4.1.3.1 1.3.6.1.2.1.33.1.3.3.1.2.1 1.3.6.1.2.1.33.1.4.2.0 '
     '1.3.6.1.2.1.33.1.4.4.1.2.1 1.3.6.1.2.1.33.1.2.5.0 1.3.6.1.2.1.33.1.3.3.1.3.1'),

    ('controlbox_controlbox', CLASS, '1.3.6.1.4.1.17095.2.1.5.0'),
    ('eltek-webpower', CLASS, '1.3.6.1.4.1.12148.9.3.20.2.0 1.3.6.1.4.1.12148.9.3.20.3.0'),
    ('enexus', CLASS, '1.3.6.1.4.1.12148.10.10.12.5.0'),
    ('enexus_eltek-smartpack2-syst', CLASS, '1.3.6.1.4.1.12148.10.10.12.5.0'),
    ('enexus_enexus', CLASS, '1.3.6.1.4.1.12148.10.10.12.5.0'),
    ('enexus_smartpacks2', CLASS, '1.3.6.1.4.1.12148.10.10.12.5.0'),
    ('enexus_sp2touch', CLASS, '1.3.6.1.4.1.12148.10.10.12.5.0'),
    ('apc_smx750', CLASS, '1.3.6.1.4.1.318.1.1.1.2.2.21.0 1.3.6.1.4.1.318.1.1.1.2.1.3.0'),
    ('eatonupsm2_9px+empg2', CLASS, '1.3.6.1.4.1.534.1.2.6.0'),
)


def reason(recording, oid):
    """Why this reading is not the truth, or None."""
    bare = str(oid).lstrip('.')
    for name, why, oids in READINGS:
        if name == recording and any(bare.startswith(o[:-1]) if o.endswith('*') else bare == o for o in oids.split()):
            return why
    return None


def superfluous(missed):
    """Entries that no missed reading needs; missed: recording -> its missed sensors, all recordings that were read."""
    return [(name, oid) for name, _, oids in READINGS if name in missed for oid in oids.split()
            if not any(str(s['oid']).lstrip('.').startswith(oid.rstrip('*')) for s in missed[name])]
