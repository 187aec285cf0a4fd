/// Every way an input can be wrong that a user meets, through the command line: exit code, one
/// clear message, nothing half-written.
package io.metalmarlin.tests.input;
