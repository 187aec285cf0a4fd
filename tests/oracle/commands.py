"""Ways to run marlin: its launcher, which starts a process each time, and one process for many commands."""

import json
import os
import re
import subprocess

from check import require

# As the launcher sets them: each worker of Java's uses one thread of BLAS, freed tensors go back to the system.
VARIABLES = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2",
             "MALLOC_MMAP_THRESHOLD_": "1048576", "MALLOC_TRIM_THRESHOLD_": "1048576"}


def launcher_flags(root):
    """Those of commands that compute, from the launcher's own text, so that the compiler makes the same code here."""
    text = (root / "marlin").read_text()
    flags = [re.search(rf'^{name}="(.*?)"', text, re.DOTALL | re.MULTILINE)[1] for name in ("compute", "always")]
    return [*" ".join(flags).split(), f"-XX:CompilerDirectivesFile={root}/cli/src/main/launcher/compiler.json"]


class Marlin:
    """`run(ARGUMENTS...)` is the exit code and what was written to stderr."""

    def succeeds(self, *arguments):
        finished(f"marlin {' '.join(map(str, arguments))}", *self.run(*arguments))


def finished(command, code, err):
    require(code == 0, f"{command} ended with exit code {code}\n{err}")
    if err:
        print(err, end="", flush=True)


class Launcher(Marlin):
    def __init__(self, path):
        self.path = path

    def run(self, *arguments):
        command = [self.path, *arguments]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        return done.returncode, done.stderr


class Session(Marlin):
    """A CliSession of the tests, ended by leaving the `with`. For one thread at a time."""

    def __init__(self, root):
        path = [root / "tests/target/test-classes", root / "cli/target/marlin.jar", root / "cli/target/lib/*"]
        self.process = subprocess.Popen(
            [os.path.join(os.environ["JAVA_HOME"], "bin", "java"), *launcher_flags(root), "-cp", ":".join(map(str, path)),
             "io.metalmarlin.tests.support.CliSession"],
            env=VARIABLES | os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A failed check must not wait for the command that is running ahead.
        self.process.kill()
        self.process.wait()

    def run(self, *arguments):
        return self.ask("marlin", *arguments)

    def weights(self, pack, out):
        """Our own reader's fp32 weights of every packed module."""
        finished(f"DumpWeights {pack}", *self.ask("weights", pack, out))

    def ask(self, *words):
        try:
            self.process.stdin.write(json.dumps([str(w) for w in words]) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        require(line, f"the process that runs marlin's commands ended at: {' '.join(map(str, words))}")
        answer = json.loads(line)
        return answer["exit"], answer["err"]
