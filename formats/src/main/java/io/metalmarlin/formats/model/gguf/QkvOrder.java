package io.metalmarlin.formats.model.gguf;

/// The order of the rows of a fused projection: in files all queries, all keys, all values; in
/// Hugging Face for each key head its queries, its key, its value.
///
/// @param heads of queries
/// @param kvHeads of keys; divides `heads`
public record QkvOrder(int heads, int kvHeads) implements RowOrder {
  private int share() {
    return heads / kvHeads;
  }

  private long width(long rows) {
    return rows / (heads + 2L * kvHeads);
  }

  @Override
  public long ggufRow(long row, long rows) {
    long width = width(rows);
    long head = row / width;
    long set = head / (share() + 2);
    long within = head % (share() + 2);
    long moved =
        within < share() ? set * share() + within : heads + (within - share()) * kvHeads + set;
    return moved * width + row % width;
  }

  @Override
  public long huggingFaceRow(long row, long rows) {
    long width = width(rows);
    long head = row / width;
    long moved;
    if (head < heads) {
      moved = head / share() * (share() + 2) + head % share();
    } else {
      long kind = (head - heads) / kvHeads;
      moved = (head - heads) % kvHeads * (share() + 2) + share() + kind;
    }
    return moved * width + row % width;
  }

  @Override
  public boolean fits(long rows) {
    return heads > 0 && kvHeads > 0 && heads % kvHeads == 0 && rows % (heads + 2L * kvHeads) == 0;
  }
}
