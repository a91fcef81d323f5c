"""`python -m saccade` is `saccade`."""

import sys

from saccade.cli import main

sys.exit(main())
