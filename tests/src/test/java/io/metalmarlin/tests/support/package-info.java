/// What end-to-end tests share: running the command line, reading checkpoints without the product's
/// code.
package io.metalmarlin.tests.support;
