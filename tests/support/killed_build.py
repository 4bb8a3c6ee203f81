"""Build, and be killed at the n-th call that the build makes; print the number of calls if not."""

import datetime
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from paycite import files
from paycite.dataset import build, pool, retention

seeds, folder, as_of, fatal = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
observations = Path(sys.argv[5])
writing = {one.__file__ for one in (build, files, pool, retention)}
calls = 0


def kill_at_the_fatal_call(frame: FrameType, event: str, _: object) -> None:
    global calls
    if event in ("call", "c_call", "c_return") and frame.f_code.co_filename in writing:
        calls += 1
        if calls == fatal:
            os.kill(os.getpid(), signal.SIGKILL)


sys.setprofile(kill_at_the_fatal_call)
build.build(seeds, folder, 5, datetime.date.fromisoformat(as_of), None, observations)
sys.setprofile(None)
print(calls)
