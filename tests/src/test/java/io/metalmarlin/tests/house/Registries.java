package io.metalmarlin.tests.house;

import io.metalmarlin.formats.container.Container;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Packings;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.Schemes;
import io.metalmarlin.formats.scheme.ggml.BlockCodec;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.quant.solve.Method;
import io.metalmarlin.quant.solve.Methods;
import io.metalmarlin.quant.solve.Solver;
import io.metalmarlin.quant.solve.Solvers;
import io.metalmarlin.quant.transform.Transform;
import io.metalmarlin.quant.transform.Transforms;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Checks;
import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.cache.CacheFormats;
import io.metalmarlin.runtime.cpu.CpuKernels;
import io.metalmarlin.runtime.cpu.kernel.AttendKernel;
import io.metalmarlin.runtime.cpu.kernel.CacheKernel;
import io.metalmarlin.runtime.cpu.kernel.Gemm;
import io.metalmarlin.runtime.cpu.kernel.RowKernel;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.arch.Architectures;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Every list in which a new thing gets its one line.
final class Registries {
  /// @param owner the class that holds the list
  /// @param type what its members implement
  /// @param members what is listed
  /// @param name what a member calls itself; members without a name of their own give their class
  record Registry<T>(Class<?> owner, Class<T> type, List<T> members, Function<T, String> name) {
    @Override
    public String toString() {
      return owner.getSimpleName() + " of " + type.getSimpleName();
    }
  }

  private Registries() {}

  static Stream<Registry<?>> all() {
    return Stream.of(
        new Registry<>(Containers.class, Container.class, Containers.ALL, Container::name),
        new Registry<>(Schemes.class, Scheme.class, Schemes.ALL, Scheme::name),
        new Registry<>(Packings.class, Packing.class, Packings.ALL, Packing::name),
        new Registry<>(BlockCodecs.class, BlockCodec.class, BlockCodecs.ALL, c -> c.type().name()),
        new Registry<>(Dialects.class, Dialect.class, Dialects.ALL, Dialect::name),
        new Registry<>(
            Architectures.class, Architecture.class, Architectures.ALL, Architecture::modelType),
        new Registry<>(Solvers.class, Solver.class, Solvers.ALL, Solver::name),
        new Registry<>(Methods.class, Method.class, Methods.ALL, Method::name),
        new Registry<>(Transforms.class, Transform.class, Transforms.ALL, Transform::name),
        new Registry<>(Checks.class, Check.class, Checks.ALL, Check::code),
        kernels(WeightKernel.class, k -> k.weights().stream()),
        kernels(Gemm.class, k -> Stream.of(k.gemm())),
        kernels(RowKernel.class, k -> Stream.of(k.rows())),
        kernels(AttendKernel.class, k -> Stream.of(k.attend())),
        kernels(CacheKernel.class, k -> Stream.of(k.cache())),
        new Registry<>(CacheFormats.class, CacheFormat.class, CacheFormats.ALL, CacheFormat::name));
  }

  /// Names of the classes that hold a list.
  static Set<String> owners() {
    return all().map(r -> r.owner().getName()).collect(Collectors.toSet());
  }

  /// A kernel may serve several sets; it is one member.
  private static <T> Registry<T> kernels(Class<T> type, Function<CpuKernels, Stream<T>> of) {
    Map<Class<?>, T> byClass = new LinkedHashMap<>();
    Stream.concat(CpuKernels.ALL.stream(), Stream.of(CpuKernels.INT8))
        .flatMap(of)
        .forEach(k -> byClass.put(k.getClass(), k));
    return new Registry<>(
        CpuKernels.class, type, List.copyOf(byClass.values()), k -> k.getClass().getName());
  }
}
