/// Versions of trained models whose channels are as uneven as those of large models, and which
/// compute the same.
package io.metalmarlin.tests.outliers;
