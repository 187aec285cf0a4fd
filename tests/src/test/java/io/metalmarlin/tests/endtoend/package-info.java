/// Whole commands on whole checkpoints: what is written, that it is right, and that it repeats.
package io.metalmarlin.tests.endtoend;
