"""Every named client against a real API: `make test-clients`, `python -m tests.clients FILE ...`.

Writes what the code generators make of `schema.graphql` and of `documents/` first, because the
manifest of trusted documents is what a frontend's build leaves; then starts the API and lets
Node's test runner and pytest work through the clients. Exits with 1 when any of them failed.
"""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from .stage import open_stage, told

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GENERATED = HERE / "generated"
RUNNER = ("--test", "--test-reporter=spec", "--test-timeout=100000", "--test-force-exit")


async def main(files: list[str]) -> int:
    """The exit code of the run: 0 when every client worked."""
    started = time.monotonic()
    if not (HERE / "node_modules").is_dir():
        print("The clients are not installed: run `make test-clients`.", file=sys.stderr)
        return 1
    chosen = files or sorted(str(one.relative_to(HERE)) for one in HERE.glob("*.test.js"))
    subprocess.run(["node", "generate.js"], cwd=HERE, check=True)
    async with open_stage(GENERATED / "manifest.json") as stage:
        node = await _run("node", *RUNNER, *chosen, stage=told(stage))
    python = 0
    if not files:
        python = await _run(sys.executable, "-m", "pytest", str(HERE), stage=None)
    failed = [name for name, code in (("Node", node), ("Python", python)) if code]
    verdict = f"failed: {', '.join(failed)}" if failed else "every client works"
    print(f"{verdict} ({time.monotonic() - started:.0f} s)")
    return bool(failed)


async def _run(*command: str, stage: dict[str, str] | None) -> int:
    process = await asyncio.create_subprocess_exec(*command, cwd=HERE if stage else ROOT, env=stage)
    return await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
