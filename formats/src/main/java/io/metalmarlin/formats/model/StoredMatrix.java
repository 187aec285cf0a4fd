package io.metalmarlin.formats.model;

import io.metalmarlin.formats.scheme.GroupPacking;

/// What the planes of a module turn out to be.
record StoredMatrix(GroupPacking packing, int rows, int cols) {}
