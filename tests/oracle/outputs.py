"""What marlin makes of one model, where, and the fp32 weights and logits that it reads from it itself."""

import pathlib
import shutil
from dataclasses import dataclass

from pipeline import Job


@dataclass(frozen=True)
class Output:
    folder: pathlib.Path
    ids: str

    def beside(self, ending):
        return str(self.folder) + ending

    @property
    def weights(self):
        return self.beside(".weights.safetensors")

    @property
    def logits(self):
        return self.beside(".logits.safetensors")

    @property
    def gguf(self):
        return str(self.folder / "model.gguf")

    def delete(self):
        shutil.rmtree(self.folder)
        for file in (self.weights, self.logits):
            pathlib.Path(file).unlink(missing_ok=True)


@dataclass(frozen=True)
class Workplace:
    """Jobs on outputs in the folder `work`; `ids` is 1,2,3. Commands run in `session`."""

    session: object
    work: pathlib.Path
    model: pathlib.Path
    ids: str

    def quantize(self, name, *flags, model=None, **how):
        """Without evaluation, which is no part of what others read."""
        return self.job(name, ("quantize", model or self.model, "--eval-windows", "0", *flags), **how)

    def convert(self, name, *flags, model=None, **how):
        return self.job(name, ("convert", model or self.model, *flags), **how)

    def job(self, name, command, check, ours=("weights", "logits"), ids=None, by=None, keep=False):
        """`check` gets the output. `ours` is what we read from it first, `by` another way to run marlin; what no later
        job needs (`keep`) is deleted when it is checked."""
        marlin, output = by or self.session, Output(self.work / name, ids or self.ids)

        def make():
            marlin.succeeds(*command, "-o", output.folder, "--quiet")
            if "weights" in ours:
                self.session.weights(output.folder, output.weights)
            if "logits" in ours:
                self.evaluate(output.folder, output.logits, output.ids, marlin)

        def judge():
            check(output)
            if not keep:
                output.delete()

        return Job(name, make, judge)

    def evaluate(self, model, out, ids, marlin):
        marlin.succeeds("eval", model, "--input-ids", ids, "--dump-logits", out, "--quiet")

    def peer(self, pack, check):
        """A pack that others wrote."""
        out = str(self.work / "peer" / f"{pack.parent.name}-{pack.name}.safetensors")
        return Job(str(pack), lambda: self.session.weights(pack, out), lambda: check(str(pack), out))
