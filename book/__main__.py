"""The command ``python -m book``."""

from __future__ import annotations

import argparse
import sys

from book import build, package, serve


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit status: 0 done, 1 failed (2, wrong usage, is argparse's)."""
    options = parser().parse_args(arguments)
    site = build.ROOT / "_build" / "html"
    try:
        if options.command == "build":
            print(f"book: {build.build(cold=options.cold)}")
        elif options.command == "audit":
            from book.audit import audit  # a browser, which building does not need

            for line in audit(site, build.ROOT / "_build" / "tools", options.page):
                print(line, flush=True)
        elif options.command == "wheel":
            print(package.wheel(build.ROOT, build.ROOT / "_build" / "downloads").relative_to(build.ROOT))
        else:
            with serve.server(site, options.port) as server:
                print(f"book: http://127.0.0.1:{server.server_port}/ (Ctrl+C stops)", flush=True)
                server.serve_forever()
    except KeyboardInterrupt:
        return 0
    except (build.BuildError, package.PackageError, OSError) as error:
        print(f"book: {error}", file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    result = argparse.ArgumentParser(prog="python -m book", description="Build and read the website.")
    commands = result.add_subparsers(dest="command", required=True, metavar="COMMAND")
    make = commands.add_parser("build", help="bring _build/html up to date; fails on any warning")
    make.add_argument("--cold", action="store_true", help="forget earlier builds: run every cell, make every page")
    read = commands.add_parser("serve", help="serve the built site on localhost")
    read.add_argument("--port", type=int, default=8000, help="port (default: %(default)s; 0 takes any free one)")
    look = commands.add_parser("audit", help="measure the built site: bytes, requests, axe, Lighthouse, times")
    look.add_argument("page", nargs="*", help="pages below _build/html (default: all)")
    commands.add_parser("wheel", help="build the dlopt wheel that students install, print its path")
    return result


if __name__ == "__main__":
    sys.exit(main())
