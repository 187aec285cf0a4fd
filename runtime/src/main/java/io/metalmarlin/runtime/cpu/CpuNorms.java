package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.backend.NormWeights;
import io.metalmarlin.runtime.model.Norm;

/// The norms of one row, group by group.
record CpuNorms(CpuKernels kernels) {
  void row(CpuTensor x, NormWeights w, CpuTensor out, int row) {
    int size = w.gamma().length;
    for (int c = 0; c < x.cols(); c += w.group()) {
      long from = x.offset(row) + 4L * c;
      long to = out.offset(row) + 4L * c;
      int gamma = c % size;
      if (w.kind() == Norm.Kind.RMS) {
        kernels
            .rows()
            .rmsNorm(x.data(), from, w.gamma(), gamma, w.group(), w.epsilon(), out.data(), to);
      } else {
        kernels
            .rows()
            .layerNorm(x.data(), from, w.gamma(), gamma, w.group(), w.epsilon(), out.data(), to);
      }
      if (w.beta().length > 0) {
        kernels.rows().addBias(out.data(), to, w.beta(), gamma, w.group());
      }
    }
  }
}
