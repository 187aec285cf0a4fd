package io.metalmarlin.formats.container;

import java.util.Map;

/// One file to be written: its name, its first bytes and where each tensor goes.
///
/// @param fileName without folder
/// @param prefix everything before the data
/// @param begin tensor name to the byte of the file where its data begins
/// @param size of the whole file in bytes
public record FilePlan(String fileName, byte[] prefix, Map<String, Long> begin, long size) {}
