package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.log.LineLimit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.simple.SimpleServiceProvider;

/**
 * Writes each message as one line, whoever says it and whatever it is about: a client that gets a line break into one
 * can't write lines of its own. What libraries say is limited, since a client may be what makes them talk. Chosen by
 * the system property {@code slf4j.provider}. Thread-safe.
 */
public final class LogLines extends SimpleServiceProvider {
    /** What the gateway says itself is limited where it is said. */
    private static final String OWN = "gateway";

    private static final int LENGTH = 8192;
    private static final int FRAMES = 12;

    private final Map<String, Logger> loggers = new ConcurrentHashMap<>();
    private final LineLimit ofLibraries = new LineLimit();

    @Override
    public ILoggerFactory getLoggerFactory() {
        ILoggerFactory simple = super.getLoggerFactory();
        return name -> loggers.computeIfAbsent(name, any -> new Lines(simple.getLogger(name)));
    }

    /** In one line: what could end it, or steer a terminal, is written as an escape. */
    static String line(String message) {
        StringBuilder line = new StringBuilder(message.length());
        for (int i = 0; i < message.length() && i < LENGTH; i++) {
            char c = message.charAt(i);
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                case '\u2028', '\u2029' -> line.append(escape(c));
                default -> line.append(Character.isISOControl(c) ? escape(c) : String.valueOf(c));
            }
        }
        return message.length() > LENGTH ? line.append("...").toString() : line.toString();
    }

    private static String escape(char c) {
        return String.format("\\u%04x", (int) c);
    }

    private static String text(@Nullable String message, @Nullable Throwable problem) {
        StringBuilder text = new StringBuilder(message == null ? "" : message);
        for (Throwable one = problem; one != null; one = one.getCause()) {
            text.append(one == problem ? ": " : " caused by ").append(one);
            StackTraceElement[] frames = one.getStackTrace();
            for (int i = 0; i < frames.length && i < FRAMES; i++) {
                text.append(i == 0 ? " at " : " < ").append(frames[i]);
            }
        }
        return line(text.toString());
    }

    private final class Lines extends LegacyAbstractLogger {
        private static final long serialVersionUID = 1L;
        private final transient Logger simple;

        Lines(Logger simple) {
            this.simple = simple;
            name = simple.getName();
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                @Nullable Marker marker,
                String message,
                @Nullable Object @Nullable [] arguments,
                @Nullable Throwable problem) {
            int missed = name.equals(OWN) ? 0 : ofLibraries.next();
            if (missed < 0) {
                return;
            }
            if (missed > 0) {
                simple.warn(
                        "{} lines are missing here, there were more than {} in a second", missed, LineLimit.PER_SECOND);
            }
            String formatted = arguments == null ? message : MessageFormatter.basicArrayFormat(message, arguments);
            simple.atLevel(level).log(text(formatted, problem));
        }

        @Override
        protected @Nullable String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        public boolean isTraceEnabled() {
            return simple.isTraceEnabled();
        }

        @Override
        public boolean isDebugEnabled() {
            return simple.isDebugEnabled();
        }

        @Override
        public boolean isInfoEnabled() {
            return simple.isInfoEnabled();
        }

        @Override
        public boolean isWarnEnabled() {
            return simple.isWarnEnabled();
        }

        @Override
        public boolean isErrorEnabled() {
            return simple.isErrorEnabled();
        }
    }
}
