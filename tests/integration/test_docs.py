# SPDX-License-Identifier: Apache-2.0
"""The committed documents are what their registries say."""
import os
import subprocess

import pytest

from stack import ROOT, program


@pytest.mark.parametrize('argv, document', [(['busbar-points', '--markdown'], 'points.md'), (['busbar-events'], 'events.md')])
def test_document_matches_its_registry(argv, document):
    printed = subprocess.run([program(argv[0]), *argv[1:]], text=True, capture_output=True, check=True).stdout
    with open(os.path.join(ROOT, 'docs', document), encoding='utf-8') as f:
        assert f.read() == printed, 'run "make docs" and commit docs/%s' % document
