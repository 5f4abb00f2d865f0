package io.gatepost.tools.suite;

import java.io.Writer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A run in the XML that CI systems read: a suite for each file of tests, a case for each test. */
public final class JunitReport {
    private final TestRun run;

    private JunitReport(TestRun run) {
        this.run = run;
    }

    /**
     * Writes a run.
     *
     * @param run the run
     * @param out where to; neither flushed nor closed
     * @throws XMLStreamException where that can't be written to
     */
    public static void write(TestRun run, Writer out) throws XMLStreamException {
        XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(out);
        new JunitReport(run).write(xml);
        xml.flush();
    }

    private void write(XMLStreamWriter xml) throws XMLStreamException {
        xml.writeStartDocument("UTF-8", "1.0");
        start(xml, "testsuites", run.results());
        xml.writeAttribute("name", "policies");
        for (PolicySuite suite : run.suites()) {
            List<CaseResult> results = run.results().stream()
                    .filter(result -> suite.cases().contains(result.test()))
                    .toList();
            start(xml, "testsuite", results);
            xml.writeAttribute("name", clean(suite.file().toString()));
            for (CaseResult result : results) {
                write(result, suite, xml);
            }
            xml.writeEndElement();
        }
        xml.writeEndElement();
        xml.writeEndDocument();
    }

    private static void start(XMLStreamWriter xml, String element, List<CaseResult> results) throws XMLStreamException {
        long failures = results.stream().filter(result -> !result.passed()).count();
        xml.writeCharacters("\n");
        xml.writeStartElement(element);
        xml.writeAttribute("tests", String.valueOf(results.size()));
        xml.writeAttribute("failures", String.valueOf(failures));
        xml.writeAttribute("errors", "0");
        xml.writeAttribute("time", seconds(results.stream().map(CaseResult::elapsed)));
    }

    private static void write(CaseResult result, PolicySuite suite, XMLStreamWriter xml) throws XMLStreamException {
        xml.writeCharacters("\n");
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", clean(suite.file().toString()));
        xml.writeAttribute("name", clean(result.test().name()));
        xml.writeAttribute("file", clean(suite.file().toString()));
        xml.writeAttribute("line", String.valueOf(result.test().origin().line()));
        xml.writeAttribute("time", seconds(Stream.of(result.elapsed())));
        if (!result.passed()) {
            xml.writeStartElement("failure");
            xml.writeAttribute("type", "unexpected decision");
            xml.writeAttribute("message", clean(String.join("; ", result.mismatches())));
            xml.writeCharacters(clean(result.test().origin().place() + "\n" + result.details()));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    private static String seconds(Stream<Duration> times) {
        Duration total = times.reduce(Duration.ZERO, Duration::plus);
        return String.format(java.util.Locale.ROOT, "%.3f", total.toNanos() / 1e9);
    }

    /** What XML 1.0 can't hold, shows as a question mark. */
    private static String clean(String text) {
        return text.replaceAll("[^\\t\\n\\r\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]", "?");
    }
}
