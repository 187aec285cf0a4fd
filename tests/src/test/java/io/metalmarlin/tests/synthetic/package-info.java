/// Checkpoints of any size made of seeded random weights, and what is run on the largest of them.
package io.metalmarlin.tests.synthetic;
