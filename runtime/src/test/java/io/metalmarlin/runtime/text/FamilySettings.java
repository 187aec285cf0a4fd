package io.metalmarlin.runtime.text;

import java.util.LinkedHashMap;
import java.util.Map;

/// Parts of `tokenizer.json` as the families' files have them, over the small vocabularies of the
/// test resources: what is named replaces the part of the resource.
final class FamilySettings {
  private static final String GPT4 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String O200K =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String BYTES =
      "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':false}";
  private static final String WORDS =
      "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':true}";

  private FamilySettings() {}

  /// Name -> resource and the parts replaced (`part=json`, single quotes).
  static Map<String, String[]> all() {
    Map<String, String[]> all = new LinkedHashMap<>();
    all.put("gpt2, phi, opt", of("bytes", "pre_tokenizer=" + WORDS));
    all.put(
        "roberta",
        of(
            "bytes",
            "pre_tokenizer={'type':'ByteLevel','add_prefix_space':true,'trim_offsets':true}",
            "post_processor={'type':'RobertaProcessing','sep':['b',9],'cls':['a',8],"
                + "'trim_offsets':true,'add_prefix_space':true}"));
    all.put(
        "llama3",
        of(
            "bytes",
            "model.ignore_merges=true",
            split(GPT4),
            "post_processor={'type':'Sequence','processors':[{'type':'ByteLevel',"
                + "'add_prefix_space':true,'trim_offsets':false,'use_regex':true},"
                + "{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'<|end|>','type_id':0}},"
                + "{'Sequence':{'id':'A','type_id':0}}],'pair':[{'Sequence':{'id':'A','type_id':0}},"
                + "{'Sequence':{'id':'B','type_id':1}}],"
                + "'special_tokens':{'<|end|>':{'id':'<|end|>','ids':[0],'tokens':['<|end|>']}}}]}"));
    all.put(
        "qwen2, qwen3", of("bytes", "normalizer={'type':'NFC'}", split(GPT4.replace("{1,3}", ""))));
    all.put("gpt_oss, phi4, llama4", of("bytes", split(O200K)));
    all.put(
        "tekken",
        of(
            "bytes",
            "model.ignore_merges=true",
            split(O200K.replace("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "").replace("{1,3}", ""))));
    all.put(
        "deepseek_v3",
        of(
            "bytes",
            "pre_tokenizer={'type':'Sequence','pretokenizers':["
                + isolated("\\p{N}{1,3}")
                + ","
                + isolated("[一-龥぀-ゟ゠-ヿ]+")
                + ","
                + isolated(
                    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?"
                        + "[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+")
                + ","
                + BYTES
                + "]}"));
    all.put(
        "starcoder2, smollm, command-r",
        of(
            "bytes",
            "pre_tokenizer={'type':'Sequence','pretokenizers':[{'type':'Digits','individual_digits':true},"
                + WORDS
                + "]}"));
    all.put(
        "falcon",
        of(
            "bytes",
            "pre_tokenizer={'type':'Sequence','pretokenizers':[{'type':'Punctuation','behavior':'Contiguous'},"
                + WORDS
                + ",{'type':'Digits','individual_digits':false},"
                + isolated("[0-9][0-9][0-9]")
                + "]}"));
    all.put("bloom", of("bytes", split(" ?[^(\\s|[.,!?…。，、।۔،])]+")));
    all.put(
        "gpt_neox, olmo2",
        of(
            "bytes",
            "normalizer={'type':'NFC'}",
            "pre_tokenizer=" + WORDS,
            "added_tokens=[{'id':0,'content':'<|end|>','special':true,'normalized':false},"
                + "{'id':1500,'content':'    ','normalized':true},{'id':1501,'content':'  ','normalized':true},"
                + "{'id':1502,'content':'\\t\\t','normalized':true},"
                + "{'id':1503,'content':'<mask>','lstrip':true,'normalized':false,'special':true}]"));
    all.put(
        "byte letters as a normalizer",
        of(
            "bytes",
            "normalizer={'type':'ByteLevel'}",
            "pre_tokenizer=" + "{'type':'WhitespaceSplit'}"));
    all.put("llama, mixtral, hunyuan", of("fallback"));
    all.put("llama without legacy", of("fallback", "normalizer=null", METASPACE_FIRST));
    all.put(
        "mistral with words",
        of(
            "fallback",
            "normalizer=null",
            "pre_tokenizer={'type':'Metaspace','replacement':'▁','prepend_scheme':'always','split':true}",
            "decoder={'type':'Metaspace','replacement':'▁','prepend_scheme':'always','split':true}"));
    all.put(
        "gemma",
        of(
            "fallback",
            "normalizer={'type':'Replace','pattern':{'String':' '},'content':'▁'}",
            "pre_tokenizer={'type':'Split','pattern':{'String':' '},'behavior':'MergedWithPrevious',"
                + "'invert':false}",
            "decoder={'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'▁'},"
                + "'content':' '},{'type':'ByteFallback'},{'type':'Fuse'}]}",
            "added_tokens=[{'id':1,'content':'<s>','special':true,'normalized':false},"
                + "{'id':1300,'content':'\\n\\n\\n\\n\\n','normalized':false},{'id':1301,'content':'▁▁▁▁▁','normalized':false}]"));
    all.put(
        "unknown tokens one by one",
        of("fallback", "model.byte_fallback=false", "model.fuse_unk=false"));
    all.put(
        "unknown tokens fused", of("fallback", "model.byte_fallback=false", "model.fuse_unk=true"));
    all.put(
        "whole pieces",
        of(
            "fallback",
            "model.ignore_merges=true",
            "normalizer=null",
            "pre_tokenizer={'type':'Metaspace','replacement':'▁'}"));
    all.put("clip", of("suffix"));
    all.put("continuing prefix", of("prefix"));
    all.put("bert", of("wordpiece"));
    all.put(
        "bert cased",
        of(
            "wordpiece",
            "normalizer={'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':false,"
                + "'strip_accents':null,'lowercase':false}",
            "decoder={'type':'WordPiece','prefix':'##','cleanup':false}"));
    all.put(
        "bert with accents",
        of(
            "wordpiece",
            "normalizer={'type':'BertNormalizer','clean_text':false,'handle_chinese_chars':true,"
                + "'strip_accents':false,'lowercase':true}"));
    all.put("word level", of("wordlevel"));
    all.put("t5", of("unigram"));
    all.put("t5 with bytes missing", of("unigram", "model.byte_fallback=true"));
    all.put(
        "xlnet",
        of(
            "unigram",
            "normalizer={'type':'Sequence','normalizers':[{'type':'Nmt'},{'type':'NFKC'},"
                + "{'type':'Strip','strip_left':true,'strip_right':false},{'type':'NFKD'},"
                + "{'type':'StripAccents'},{'type':'Lowercase'}]}",
            "pre_tokenizer={'type':'Sequence','pretokenizers':[{'type':'WhitespaceSplit'},"
                + "{'type':'Metaspace','replacement':'▁','prepend_scheme':'always','split':false}]}"));
    return all;
  }

  private static final String METASPACE_FIRST =
      "pre_tokenizer={'type':'Metaspace','replacement':'▁','prepend_scheme':'first','split':false}";

  private static String[] of(String... settings) {
    return settings;
  }

  private static String split(String regex) {
    return "pre_tokenizer={'type':'Sequence','pretokenizers':["
        + isolated(regex)
        + ","
        + BYTES
        + "]}";
  }

  private static String isolated(String regex) {
    // The quotes of these settings become double quotes; those of the expression must not.
    String json = TokenizerFiles.JSON.writeValueAsString(regex).replace("'", "\\u0027");
    return "{'type':'Split','pattern':{'Regex':" + json + "},'behavior':'Isolated','invert':false}";
  }
}
