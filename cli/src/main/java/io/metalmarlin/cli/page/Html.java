package io.metalmarlin.cli.page;

import java.io.StringWriter;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// A page as it is written: every text and attribute is escaped, every element closed, so that the
/// result is HTML and well-formed XML at once. What is no printable character (and could turn the
/// text around it, or is none of XML's) is shown as its number.
final class Html {
  private final StringWriter text = new StringWriter();
  private final XMLStreamWriter out;

  Html() {
    try {
      out = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      out.writeDTD("<!DOCTYPE html>\n");
    } catch (XMLStreamException e) {
      throw impossible(e);
    }
  }

  /// Begins an element.
  ///
  /// @param attributes names and values in turns
  Html open(String tag, Object... attributes) {
    try {
      out.writeStartElement(tag);
      attributes(attributes);
      return this;
    } catch (XMLStreamException e) {
      throw impossible(e);
    }
  }

  /// Ends the innermost element.
  Html close() {
    try {
      out.writeEndElement();
      return this;
    } catch (XMLStreamException e) {
      throw impossible(e);
    }
  }

  /// An element with a text and nothing else.
  Html leaf(String tag, String content, Object... attributes) {
    return open(tag, attributes).text(content).close();
  }

  /// An element of HTML that has no end, or one of SVG without content.
  Html empty(String tag, Object... attributes) {
    try {
      out.writeEmptyElement(tag);
      attributes(attributes);
      return this;
    } catch (XMLStreamException e) {
      throw impossible(e);
    }
  }

  /// A text that breaks behind its dots first where it is too long for its line.
  Html name(String content) {
    int from = 0;
    for (int at = content.indexOf('.'); at >= 0; at = content.indexOf('.', from)) {
      text(content.substring(from, at + 1)).empty("wbr");
      from = at + 1;
    }
    return text(content.substring(from));
  }

  Html text(String content) {
    try {
      out.writeCharacters(visible(content));
      return this;
    } catch (XMLStreamException e) {
      throw impossible(e);
    }
  }

  /// The page.
  String page() {
    try {
      out.writeEndDocument();
      out.flush();
      return text + "\n";
    } catch (XMLStreamException e) {
      throw impossible(e);
    }
  }

  private void attributes(Object... attributes) throws XMLStreamException {
    for (int i = 0; i < attributes.length; i += 2) {
      out.writeAttribute(attributes[i].toString(), visible(attributes[i + 1].toString()));
    }
  }

  private static String visible(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          boolean hidden =
              switch (Character.getType(c)) {
                case Character.CONTROL -> c != '\n' && c != '\t';
                case Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED -> true;
                default -> false;
              };
          if (hidden) {
            shown.append("\\u%04x".formatted(c));
          } else {
            shown.appendCodePoint(c);
          }
        });
    return shown.toString();
  }

  private static IllegalStateException impossible(XMLStreamException e) {
    return new IllegalStateException("a page that is kept in memory cannot be written", e);
  }
}
