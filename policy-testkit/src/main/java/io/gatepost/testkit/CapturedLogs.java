package io.gatepost.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** All that goes to java.util.logging, at every level, until it is closed. */
final class CapturedLogs extends Handler implements AutoCloseable {
    static final String SIGN_OF_LIFE = "logs are captured";

    private final Logger root = Logger.getLogger("");
    private final Level before = root.getLevel();
    private final Set<String> excluded;
    private final StringBuilder text = new StringBuilder();
    private final Map<String, List<String>> messages = new HashMap<>();

    private CapturedLogs(Set<String> excluded) {
        this.excluded = excluded;
        setLevel(Level.ALL);
        setFormatter(new SimpleFormatter());
    }

    static CapturedLogs start(Set<String> excluded) {
        CapturedLogs logs = new CapturedLogs(excluded);
        logs.root.setLevel(Level.ALL);
        logs.root.addHandler(logs);
        Logger.getLogger(CapturedLogs.class.getName()).finest(SIGN_OF_LIFE);
        return logs;
    }

    @Override
    public synchronized void publish(LogRecord record) {
        String name = record.getLoggerName() == null ? "" : record.getLoggerName();
        if (excluded.stream().noneMatch(name::startsWith)) {
            messages.computeIfAbsent(name, any -> new ArrayList<>())
                    .add(getFormatter().formatMessage(record));
            text.append(getFormatter().format(record)).append(Arrays.toString(record.getParameters()));
        }
    }

    synchronized String text() {
        return text.toString();
    }

    /** What one logger has said. */
    synchronized List<String> of(String logger) {
        return List.copyOf(messages.getOrDefault(logger, List.of()));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        root.removeHandler(this);
        root.setLevel(before);
    }
}
