"""The command line: `mixpanel-mcp [serve|call|tools|sandbox|doctor|demo]`; `serve` by default."""

import gc
import sys
from collections.abc import Sequence
from importlib import import_module

from mixpanel_mcp.arguments import parsed
from mixpanel_mcp_core.errors import MixpanelError

INTERRUPTED = 130
MISUSED = 2

# Python's own 700 is for few objects: start-up and large arguments make a hundred thousand, none of
# them garbage, and the collector would walk over them again and again.
_NEW_OBJECTS = 20_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; its exit status: 0 good, 1 the call failed, 2 misused, 130 interrupted."""
    gc.set_threshold(_NEW_OBJECTS)
    given = list(sys.argv[1:] if argv is None else argv)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help", "--version")):
        given.insert(0, "serve")
    options = parsed(given)
    # The commands about accounts share one module.
    module = getattr(options, "module", options.command)
    try:
        return import_module(f"mixpanel_mcp.commands.{module}").run(options)
    except MixpanelError as error:
        print(f"mixpanel-mcp: {error.message}", file=sys.stderr)
        return MISUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away, e.g. `| head`; nothing is left to say.
        sys.stderr.close()
        return 0


if __name__ == "__main__":
    sys.exit(main())
