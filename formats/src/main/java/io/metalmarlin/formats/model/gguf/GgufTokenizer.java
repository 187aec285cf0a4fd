package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.GgufMetadata;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The tokenizer in a GGUF file as the two files of a Hugging Face folder.
///
/// Byte-level BPE (`gpt2`), SentencePiece BPE (`llama`) and unigram (`t5`), and WordPiece (`bert`)
/// are translated. A file says nothing of a normalizer, so byte-level tokenizers get none, as
/// llama.cpp has none: Qwen's own brings text into NFC first. Tokens that only fill gaps (`UNUSED`)
/// are left out.
public final class GgufTokenizer {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String UNIGRAM = "t5";
  private static final Set<TokenKind> ADDED =
      EnumSet.of(TokenKind.UNKNOWN, TokenKind.CONTROL, TokenKind.USER_DEFINED);

  private final GgufVocabulary vocabulary;
  private final ObjectNode out = JSON.createObjectNode();

  private GgufTokenizer(GgufVocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  /// The content of `tokenizer.json`.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` for a tokenizer that is
  ///   damaged or of a kind that is not translated, by name
  public static ObjectNode tokenizerJson(GgufMetadata metadata) {
    GgufVocabulary vocabulary = GgufVocabulary.of(metadata);
    return switch (vocabulary.model()) {
      case "gpt2" -> new GgufTokenizer(vocabulary).byteLevel();
      case "llama" -> new GgufTokenizer(vocabulary).sentencePiece();
      case UNIGRAM -> new GgufTokenizer(vocabulary).unigram();
      case "bert" -> new GgufTokenizer(vocabulary).wordPiece();
      default ->
          throw vocabulary.malformed(
              "tokenizer.ggml.model \""
                  + vocabulary.model()
                  + "\" is not translated (gpt2, llama, t5 and bert are)");
    };
  }

  /// The content of `tokenizer_config.json`: special tokens and the chat template, as text.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED`
  public static ObjectNode tokenizerConfig(GgufMetadata metadata) {
    GgufVocabulary v = GgufVocabulary.of(metadata);
    ObjectNode out = JSON.createObjectNode();
    out.put("add_bos_token", addsBos(v));
    out.put("add_eos_token", addsEos(v));
    v.special("bos_token_id").ifPresent(t -> out.put("bos_token", t));
    metadata.text("tokenizer.chat_template").ifPresent(t -> out.put("chat_template", t));
    out.put("clean_up_tokenization_spaces", false);
    v.special("eos_token_id").ifPresent(t -> out.put("eos_token", t));
    metadata
        .text(GgufFamily.KEY)
        .flatMap(a -> metadata.whole(a + ".context_length").stream().boxed().findFirst())
        .ifPresent(n -> out.put("model_max_length", n));
    v.special("padding_token_id").ifPresent(t -> out.put("pad_token", t));
    out.put("tokenizer_class", "PreTrainedTokenizerFast");
    v.special("unknown_token_id").ifPresent(t -> out.put("unk_token", t));
    return out;
  }

  /// What llama.cpp assumes where the file does not say: begin tokens for SentencePiece and for the
  /// tokenizer of Llama 3.
  private static boolean addsBos(GgufVocabulary v) {
    boolean assumed =
        v.model().equals("llama")
            || v.metadata()
                .text(GgufVocabulary.PREFIX + "pre")
                .filter(p -> PreTokenizers.named(p, v.where()).names().contains("llama-bpe"))
                .isPresent();
    return v.flag("add_bos_token").orElse(assumed);
  }

  /// End tokens are assumed for unigram.
  private static boolean addsEos(GgufVocabulary v) {
    return v.flag("add_eos_token").orElse(v.model().equals(UNIGRAM));
  }

  private ObjectNode unigram() {
    head();
    UnigramJson.write(vocabulary, out);
    postProcessor();
    return out;
  }

  private ObjectNode byteLevel() {
    String name =
        vocabulary
            .metadata()
            .text(GgufVocabulary.PREFIX + "pre")
            .orElseThrow(() ->
                vocabulary.malformed(
                    "tokenizer.ggml.pre is missing, so how texts are cut is not known"));
    PreTokenizer pre = PreTokenizers.named(name, vocabulary.where());
    head();
    out.putNull("normalizer");
    out.set("pre_tokenizer", pre.json());
    postProcessor();
    out.set("decoder", new PreTokenizer.ByteLevel(true).json());
    ObjectNode model = bpe();
    model.putNull("unk_token");
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    model.put("ignore_merges", pre.ignoreMerges());
    vocabulary(model);
    ArrayNode merges = model.putArray("merges");
    for (String merge : vocabulary.merges()) {
      // As in llama.cpp: the first character may be a space of its own.
      int space = merge.indexOf(' ', 1);
      if (space < 0 || space == merge.length() - 1) {
        throw vocabulary.malformed("merge \"" + merge + "\" is not two tokens");
      }
      merges.addArray().add(merge.substring(0, space)).add(merge.substring(space + 1));
    }
    return out;
  }

  private ObjectNode sentencePiece() {
    head();
    new SentencePiece(vocabulary).surroundings(out);
    postProcessor();
    ObjectNode model = bpe();
    model.put("unk_token", vocabulary.special("unknown_token_id").orElse("<unk>"));
    model.put("fuse_unk", true);
    model.put("byte_fallback", true);
    model.put("ignore_merges", false);
    vocabulary(model);
    ArrayNode merges = model.putArray("merges");
    for (SentencePiece.Merge m : new SentencePiece(vocabulary).merges()) {
      merges.addArray().add(m.left()).add(m.right());
    }
    return out;
  }

  private ObjectNode wordPiece() {
    head();
    new GgufWordPiece(vocabulary).write(out);
    return out;
  }

  private void head() {
    out.put("version", "1.0");
    out.putNull("truncation");
    out.putNull("padding");
    ArrayNode added = out.putArray("added_tokens");
    for (int id = 0; id < vocabulary.tokens().size(); id++) {
      TokenKind kind = vocabulary.kinds().get(id);
      if (ADDED.contains(kind)) {
        added
            .addObject()
            .put("id", id)
            .put("content", vocabulary.tokens().get(id))
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false)
            .put("special", kind != TokenKind.USER_DEFINED);
      }
    }
  }

  /// Puts the begin and end tokens around a text, where the tokenizer does so.
  private void postProcessor() {
    Optional<String> bos = vocabulary.special("bos_token_id").filter(t -> addsBos(vocabulary));
    Optional<String> eos = vocabulary.special("eos_token_id").filter(t -> addsEos(vocabulary));
    ObjectNode template = out.putObject("post_processor").put("type", "TemplateProcessing");
    sequence(template.putArray("single"), bos, eos, List.of("A"));
    sequence(template.putArray("pair"), bos, eos, List.of("A", "B"));
    ObjectNode special = template.putObject("special_tokens");
    for (Optional<String> token : List.of(bos, eos)) {
      token.ifPresent(t -> {
        ObjectNode n = special.putObject(t).put("id", t);
        n.putArray("ids").add(vocabulary.tokens().indexOf(t));
        n.putArray("tokens").add(t);
      });
    }
  }

  private static void sequence(
      ArrayNode list, Optional<String> bos, Optional<String> eos, List<String> parts) {
    for (int i = 0; i < parts.size(); i++) {
      int type = i;
      bos.ifPresent(
          t -> list.addObject().putObject("SpecialToken").put("id", t).put("type_id", type));
      list.addObject().putObject("Sequence").put("id", parts.get(i)).put("type_id", type);
      eos.ifPresent(
          t -> list.addObject().putObject("SpecialToken").put("id", t).put("type_id", type));
    }
  }

  private ObjectNode bpe() {
    ObjectNode model = out.putObject("model").put("type", "BPE");
    model.putNull("dropout");
    model.putNull("continuing_subword_prefix");
    model.putNull("end_of_word_suffix");
    return model;
  }

  /// Added tokens stand in the vocabulary too: only so do they keep their ids in every reader.
  private void vocabulary(ObjectNode model) {
    ObjectNode vocab = model.putObject("vocab");
    for (int id = 0; id < vocabulary.tokens().size(); id++) {
      if (vocabulary.kinds().get(id) == TokenKind.UNUSED) {
        continue;
      }
      String token = vocabulary.tokens().get(id);
      if (vocab.has(token)) {
        throw vocabulary.malformed(
            "tokens %d and %d are both \"%s\"".formatted(vocab.get(token).intValue(), id, token));
      }
      vocab.put(token, id);
    }
  }
}
