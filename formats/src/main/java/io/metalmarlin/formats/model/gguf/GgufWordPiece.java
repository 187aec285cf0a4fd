package io.metalmarlin.formats.model.gguf;

import tools.jackson.databind.node.ObjectNode;

/// A WordPiece vocabulary (`bert`) as the `tokenizers` library wants it: a file marks the
/// beginnings of words with U+2581, the library everything else with `##`.
///
/// llama.cpp lowers and cleans texts for every such vocabulary, so that is what the file means.
record GgufWordPiece(GgufVocabulary vocabulary) {
  private static final String WORD = "\u2581";
  private static final String INSIDE = "##";

  void write(ObjectNode out) {
    out.putObject("normalizer")
        .put("type", "BertNormalizer")
        .put("clean_text", true)
        .put("handle_chinese_chars", true)
        .put("strip_accents", true)
        .put("lowercase", true);
    out.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    String begin = special("cls_token_id", vocabulary.special("bos_token_id").orElse("[CLS]"));
    String end = special("seperator_token_id", "[SEP]");
    ObjectNode post = out.putObject("post_processor").put("type", "BertProcessing");
    post.putArray("sep").add(end).add(id(end));
    post.putArray("cls").add(begin).add(id(begin));
    out.putObject("decoder").put("type", "WordPiece").put("prefix", INSIDE).put("cleanup", true);
    ObjectNode model = out.putObject("model").put("type", "WordPiece");
    model.put("unk_token", special("unknown_token_id", "[UNK]"));
    model.put("continuing_subword_prefix", INSIDE);
    model.put("max_input_chars_per_word", 100);
    ObjectNode vocab = model.putObject("vocab");
    for (int id = 0; id < vocabulary.tokens().size(); id++) {
      if (vocabulary.kinds().get(id) != TokenKind.UNUSED) {
        String token = spelled(id);
        if (vocab.has(token)) {
          throw vocabulary.malformed("two tokens are \"" + token + "\"");
        }
        vocab.put(token, id);
      }
    }
  }

  private String spelled(int id) {
    String token = vocabulary.tokens().get(id);
    if (vocabulary.kinds().get(id) != TokenKind.NORMAL
        || token.startsWith("[") && token.endsWith("]")) {
      return token;
    }
    return token.startsWith(WORD) ? token.substring(1) : INSIDE + token;
  }

  private String special(String key, String otherwise) {
    return vocabulary.special(key).orElse(otherwise);
  }

  private int id(String token) {
    int id = vocabulary.tokens().indexOf(token);
    if (id < 0) {
      throw vocabulary.malformed("there is no token \"" + token + "\"");
    }
    return id;
  }
}
