/// Coverage-guided fuzzing of every reader of files that users get from elsewhere.
@org.jspecify.annotations.NullMarked
package io.metalmarlin.tests.fuzz;
