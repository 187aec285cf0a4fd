package io.metalmarlin.quant.convert;

import java.util.List;
import java.util.function.BooleanSupplier;

/// How a conversion runs; nothing here changes the bytes of the weights.
///
/// @param overwrite replace an existing output folder when the new one is complete
/// @param restart throw away the state of an earlier unfinished run instead of resuming
/// @param sourceDigest whether the sha256 of the source's files is found and put in the manifest
/// @param cancelled asked between batches; true ends the job in a resumable state
/// @param sourceName what the card calls the source: `org/name` where it has one
/// @param command the command line, for the card
public record ConvertOptions(
    int threads,
    boolean overwrite,
    boolean restart,
    boolean sourceDigest,
    BooleanSupplier cancelled,
    String sourceName,
    List<String> command) {}
