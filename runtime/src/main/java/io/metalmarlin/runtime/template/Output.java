package io.metalmarlin.runtime.template;

import io.metalmarlin.runtime.template.value.Budget;

/// Text that grows within the limits.
final class Output {
  private final Budget budget;
  private final StringBuilder text = new StringBuilder();

  Output(Budget budget) {
    this.budget = budget;
  }

  void append(String more) {
    int most = budget.limits().output();
    if (more.length() > most - text.length()) {
      throw Budget.limit("a text of more than " + most + " characters");
    }
    budget.make(more.length());
    text.append(more);
  }

  String text() {
    return text.toString();
  }
}
