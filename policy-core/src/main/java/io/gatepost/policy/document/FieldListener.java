package io.gatepost.policy.document;

import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Hears what readers ask of the fields of a map. {@link #NOBODY} does nothing, so that an ordinary read pays nothing
 * for it; {@link ShapeRecorder} keeps it, for schemas.
 */
interface FieldListener {
    /** Hears nothing. */
    FieldListener NOBODY = new FieldListener() {};

    /** A field of which any value is taken, or that is passed over. */
    default void any(String name) {}

    /** A text; {@code min} and {@code max} are characters. */
    default void text(String name, int min, int max) {}

    /** A text of any length. */
    default void text(String name) {}

    /** What a text must match, and the words for it. */
    default void pattern(String name, Pattern pattern, String expected) {}

    /** A list of texts that are not empty. */
    default void texts(String name, int min, int max, int maxLength) {}

    /** A whole number. */
    default void integer(String name, int min, int max) {}

    /** True or false. */
    default void flag(String name) {}

    /** Which values of a field mean something. */
    default void meaning(String name, Collection<?> values) {}

    /** What counts where the field is absent. */
    default void otherwise(String name, String value) {}

    /** A map. */
    default void map(String name) {}

    /** A list of maps. */
    default void maps(String name, int min, int max) {}

    /** Who hears what is asked of a field's map, or of the maps in its list. */
    default FieldListener within(String name) {
        return NOBODY;
    }

    /** A field that a reader looked for: on it may depend what it asks next. */
    default void seek(String name) {}

    /** A field that is refused where it is there. */
    default void refuse(String name) {}

    /** Fields that must be there. */
    default void require(List<String> names) {}

    /** Fields that exclude each other. */
    default void exclude(List<String> names, boolean required) {}

    /** Fields that were not asked for are refused. */
    default void close() {}
}
