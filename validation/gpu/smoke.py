"""Every way of training once: on the device, eager and compiled, against the CPU."""

from mvtheory.console import say
from validation.gpu import image_paths, paths
from validation.gpu.job import FAILED, FINISHED, Job
from validation.gpu.paths import Path
from validation.gpu.rounding import apart


def run(job: Job) -> int:
    """A line a path: ok, off by how much, or failed."""
    every = [*paths.paths(), *image_paths.paths()]
    if job.tiny:
        every = [path for path in every if not path.name.startswith("resnet-14")]
    failed, left = 0, []
    for path in every:
        for compiled in (False, True)[: 1 + (path.compiles and job.device == "cuda")]:
            name = f"{path.name}, {'compiled' if compiled else 'eager'}"
            file = f"smoke/{job.device}/{name.replace(', ', '-').replace(' ', '-')}.json"
            record = job.record(file)
            if record is None or record["verdict"] != "ok":
                if job.left <= 0:
                    left.append(name)
                    continue
                record = tried(path, job.device, compiled)
                job.write_record(file, record)
            failed += record["verdict"] != "ok"
            say(f"{name}: {record['words']}")
    say(f"{failed} failed" if failed else "every path that was tried is ok")
    if left:
        return FAILED if failed else job.unfinished(f"{len(left)} paths, from {left[0]!r} on")
    return FAILED if failed else FINISHED


def tried(path: Path, device: str, compiled: bool) -> dict[str, str | float]:
    try:
        start, here = path.trained("cpu", False)
        _, there = path.trained(device, compiled)
    except Exception as error:  # whatever a driver, a compiler or a library has to say
        words = f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
        return {"verdict": "failed", "words": f"failed ({words})"}
    off = apart(start, here, there)
    limit = f"{path.tolerance:.1e} allowed"
    if off <= path.tolerance:
        return {"verdict": "ok", "off": off, "words": f"ok ({off:.1e} of the way, {limit})"}
    return {"verdict": "off", "off": off, "words": f"off by {off:.1e} of the way, {limit}"}
