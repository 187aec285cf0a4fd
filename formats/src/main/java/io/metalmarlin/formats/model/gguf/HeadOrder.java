package io.metalmarlin.formats.model.gguf;

/// The order of the rows of queries and keys in files of the `llama` architecture.
///
/// Hugging Face turns element `t` of a head with element `t + d/2`, ggml neighbours: so Hugging
/// Face's row `h·d + s·d/2 + t` is GGUF's row `h·d + 2t + s`.
///
/// @param heads of the projection; divides its rows
public record HeadOrder(int heads) implements RowOrder {
  @Override
  public long ggufRow(long row, long rows) {
    long width = rows / heads;
    long half = width / 2;
    long within = row % width;
    return row - within + 2 * (within % half) + within / half;
  }

  @Override
  public long huggingFaceRow(long row, long rows) {
    long width = rows / heads;
    long half = width / 2;
    long within = row % width;
    return row - within + (within % 2) * half + within / 2;
  }

  @Override
  public boolean fits(long rows) {
    return heads > 0 && rows % heads == 0 && rows / heads % 2 == 0;
  }
}
