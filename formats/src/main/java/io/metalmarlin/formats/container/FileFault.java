package io.metalmarlin.formats.container;

import io.metalmarlin.formats.ErrorCode;

/// One way in which a file of a container can lie; each container lists its own.
public interface FileFault {
  /// The product's code for it.
  ErrorCode code();

  /// What is wrong, as the beginning of a message.
  String what();

  /// What the user can do.
  String hint();
}
