"""The client on its own: real sockets on this machine in Mixpanel's place."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
