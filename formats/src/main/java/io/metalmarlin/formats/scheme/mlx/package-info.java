/// MLX: affine integers, and the microscaling formats under one level of scales.
@NullMarked
package io.metalmarlin.formats.scheme.mlx;

import org.jspecify.annotations.NullMarked;
