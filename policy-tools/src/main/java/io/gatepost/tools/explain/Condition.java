package io.gatepost.tools.explain;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How an expression is put together of comparisons, so that it can be told what it comes to where only some of them are
 * known. Immutable.
 *
 * @param kind how
 * @param parts of what; of a choice the condition first
 * @param atom the comparison, of an atom only
 */
record Condition(Kind kind, List<Condition> parts, @Nullable Atom atom) {
    /** How parts make a whole, errors as CEL treats them. */
    enum Kind {
        ALL,
        ANY,
        NOT,
        CHOICE,
        ATOM
    }

    static Condition of(Atom atom) {
        return new Condition(Kind.ATOM, List.of(), atom);
    }

    Truth truth(Function<Atom, Truth> known) {
        return switch (kind) {
            case ATOM -> known.apply(Objects.requireNonNull(atom));
            case NOT -> parts.get(0).truth(known).not();
            case ALL -> whole(known, Truth.FALSE);
            case ANY -> whole(known, Truth.TRUE);
            case CHOICE -> choice(known);
        };
    }

    /** One part that settles it does so whatever the others are, errors too. */
    private Truth whole(Function<Atom, Truth> known, Truth settling) {
        Truth whole = settling.not();
        for (Condition part : parts) {
            Truth truth = part.truth(known);
            if (truth == settling) {
                return settling;
            }
            boolean weighs = truth == Truth.UNKNOWN || (truth == Truth.ERROR && whole != Truth.UNKNOWN);
            whole = weighs ? truth : whole;
        }
        return whole;
    }

    private Truth choice(Function<Atom, Truth> known) {
        Truth one = parts.get(1).truth(known);
        Truth other = parts.get(2).truth(known);
        return switch (parts.get(0).truth(known)) {
            case TRUE -> one;
            case FALSE -> other;
            case ERROR -> Truth.ERROR;
            case UNKNOWN -> one == other && one != Truth.UNKNOWN && one == Truth.ERROR ? one : Truth.UNKNOWN;
        };
    }

    /** What is still open, as a text: where two are equal, so is what they come to. */
    String open(Function<Atom, Truth> known, Function<Atom, String> name) {
        Truth truth = truth(known);
        if (truth != Truth.UNKNOWN) {
            return truth.name();
        }
        return kind == Kind.ATOM
                ? name.apply(Objects.requireNonNull(atom))
                : parts.stream()
                        .map(part -> part.open(known, name))
                        .filter(part -> !(kind == Kind.ALL && part.equals("TRUE")))
                        .filter(part -> !(kind == Kind.ANY && part.equals("FALSE")))
                        .collect(Collectors.joining(",", kind + "(", ")"));
    }
}
