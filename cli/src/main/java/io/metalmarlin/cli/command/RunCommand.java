package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Terminal;
import io.metalmarlin.cli.view.CacheView;
import io.metalmarlin.cli.view.GenerationView;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Backends;
import io.metalmarlin.runtime.backend.Inputs;
import io.metalmarlin.runtime.chat.ChatTemplate;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.decode.GenerateOptions;
import io.metalmarlin.runtime.decode.Generator;
import io.metalmarlin.runtime.load.ModelTexts;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.text.TextFiles;
import io.metalmarlin.runtime.text.Tokenizer;
import java.io.IOException;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `marlin run MODEL`: answers a prompt or holds a conversation, dense and quantized checkpoints
/// alike.
@CommandLine.Command(name = "run", header = "Answer a prompt, or chat.", sortOptions = false)
final class RunCommand extends Command {
  private static final int CHAT_POSITIONS = 2048;

  @Parameters(paramLabel = "MODEL", description = "Folder, org/name[@revision][:FILE] or demo.")
  String model = "";

  @Option(
      names = {"-p", "--prompt"},
      order = 1,
      paramLabel = "TEXT",
      description =
          "What to answer, by the model's chat template; without a template, text to continue"
              + " (standard input, also -).")
  @Nullable String prompt;

  @Option(names = "--chat", order = 2, description = "Converse: a line in, an answer out.")
  boolean chat;

  @Mixin ChatOptions conversation = new ChatOptions();

  @Mixin SamplingOptions sampling = new SamplingOptions();

  @Option(
      names = "--device",
      order = 30,
      paramLabel = "NAME",
      description = "Where to compute (cpu).")
  String device = EvalCommand.CPU;

  @Option(
      names = "--exact",
      order = 31,
      description =
          "Do not round the inputs of products with NVFP4 and Q4_0 weights to 8 bits; slower.")
  boolean exact;

  @Mixin CacheOptions cache = new CacheOptions();

  @Mixin SourceOptions sources = new SourceOptions();
  @Mixin WorkOptions work = new WorkOptions();

  @Override
  protected boolean verbose() {
    return work.verbose;
  }

  @Override
  public Outcome execute(Session session) throws IOException {
    check();
    int threads = work.threads();
    String text = chat ? "" : prompt == null || prompt.equals("-") ? input(session) : prompt;
    Console console = session.console();
    try (Model opened = Models.open(NamedModel.find(model, sources, session).folder());
        Backend backend = Backends.open(device, threads, exact ? Inputs.FP32 : Inputs.INT8);
        Decoder decoder = new Decoder(opened.spec(), opened.weights(), backend);
        Generator generator = new Generator(decoder, chat ? CHAT_POSITIONS : 0, cache.format());
        Meanwhile<Tokenizer> tokenizing =
            new Meanwhile<>("marlin-tokenizer", () -> ModelTexts.tokenizer(opened))) {
      console.detail("device: " + backend.name());
      Optional<ChatTemplate> template = conversation.choose(opened, chat);
      template.ifPresent(t -> console.detail("chat template: " + t.name() + " of " + t.where()));
      GenerateOptions options = sampling.of(opened, chat, console);
      session.interrupt().install(() -> {});
      if (options.maxTokens() > 1) {
        generator.warm();
      }
      Tokenizer tokenizer = tokenizing.get();
      return chat
          ? converse(session, opened, template.orElseThrow(), tokenizer, generator, options)
          : answer(session, template, text, tokenizer, generator, options);
    }
  }

  private Outcome converse(
      Session session,
      Model opened,
      ChatTemplate template,
      Tokenizer tokenizer,
      Generator generator,
      GenerateOptions options)
      throws IOException {
    ChatLoop loop =
        new ChatLoop(
            session,
            template,
            tokenizer,
            generator,
            options,
            opened.spec().maxPositions(),
            sampling.count != null);
    boolean interrupted = loop.run(conversation.begin());
    return new Outcome(null, "", interrupted ? List.of(interrupted(session)) : List.of());
  }

  private Outcome answer(
      Session session,
      Optional<ChatTemplate> template,
      String text,
      Tokenizer tokenizer,
      Generator generator,
      GenerateOptions options) {
    Console console = session.console();
    if (template.isEmpty() && !conversation.raw) {
      console.detail("the model has no chat template; the text is continued as it is");
    }
    String whole =
        template
            .map(t -> t.prompt(conversation.begin().with("user", text), ZonedDateTime.now()))
            .orElse(text);
    int[] ids = tokenizer.encode(whole);
    // A template writes the begin token itself; plain text gets it from the tokenizer.
    int[] ready = template.isPresent() ? ids : tokenizer.frame().opening(ids);
    GenerationView view =
        Answer.generate(generator, tokenizer, ready, options, console, session.interrupt());
    console.message(view.statistics() + "; " + precision());
    generator.cacheUse().ifPresent(use -> console.message(CacheView.text(use)));
    ObjectNode json = view.json(text);
    json.put("inputs", exact ? "fp32" : "int8");
    generator
        .cacheUse()
        .ifPresentOrElse(
            use -> json.set("kv_cache", CacheView.json(use)),
            () -> Json.missing(json, "kv_cache", "no token was produced"));
    json.put("template", template.map(ChatTemplate::name).orElse(null));
    boolean interrupted = session.interrupt().getAsBoolean();
    return new Outcome(json, "", interrupted ? List.of(interrupted(session)) : List.of());
  }

  private String precision() {
    return exact ? "fp32 inputs" : "int8 inputs where weights are NVFP4 or Q4_0";
  }

  private Failure interrupted(Session session) {
    return new Failure(
        session.interrupt().signalName(),
        model,
        chat ? "the conversation was ended" : "the answer was stopped",
        "Run the same command again.",
        session.interrupt().exitCode());
  }

  private static String input(Session session) throws IOException {
    if (session.console().terminal().isTerminal(Terminal.STDIN)) {
      throw UsageErrors.conflict(
          "--prompt",
          "is missing, and standard input is a terminal",
          "Give --prompt TEXT or --chat, or pipe the text in.");
    }
    return TextFiles.utf8("standard input", session.input().readAllBytes());
  }

  private void check() {
    if (chat && prompt != null) {
      throw UsageErrors.conflict(
          "--prompt", "has no effect with --chat, which reads lines", "Leave one of them out.");
    }
    if (chat && conversation.raw) {
      throw UsageErrors.conflict(
          "--raw", "contradicts --chat, which needs a template", "Leave one of them out.");
    }
    if (chat && settings().json()) {
      throw UsageErrors.conflict(
          "--json",
          "contradicts --chat, which is for people",
          "Use --prompt for one answer as JSON.");
    }
    conversation.check();
    sampling.check();
  }
}
