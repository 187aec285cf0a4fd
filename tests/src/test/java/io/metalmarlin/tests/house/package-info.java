/// The house rules: which module sees which, who prints, how long a file is, what a file never
/// names.
package io.metalmarlin.tests.house;
