/// An interpreter of chat templates: the part of Jinja that published templates use, with the
/// results of the reference implementation and none of its reach.
///
/// A template sees the values it is given and a fixed library, nothing else; what it may cost is
/// bounded. Start with {@link io.metalmarlin.runtime.template.Template}.
@NullMarked
package io.metalmarlin.runtime.template;

import org.jspecify.annotations.NullMarked;
