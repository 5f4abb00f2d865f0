package io.gatepost.servlet;

import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.Part;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request whose body rules have read, where they have: whoever asks next still finds it, its fields and its parts.
 */
class ReadRequest extends HttpServletRequestWrapper {
    private static final String FORM = "application/x-www-form-urlencoded";

    private final byte @Nullable [] body;
    private @Nullable BufferedInput input;
    private @Nullable BufferedReader reader;
    private @Nullable List<Part> parts;

    ReadRequest(HttpServletRequest request, byte @Nullable [] body) {
        super(request);
        this.body = body;
    }

    /** Null where nothing has read it. */
    final byte @Nullable [] body() {
        return body;
    }

    @Override
    public @Nullable String getParameter(String name) {
        String[] values = getParameterMap().get(name);
        return values == null ? null : values[0];
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
        return getParameterMap().get(name);
    }

    @Override
    public Enumeration<String> getParameterNames() {
        return Collections.enumeration(getParameterMap().keySet());
    }

    @Override
    public Map<String, String[]> getParameterMap() {
        return body == null ? super.getParameterMap() : parameters(body);
    }

    private Map<String, String[]> parameters(byte[] read) {
        Parameters parameters = new Parameters().addQuery(super.getQueryString());
        String type = getContentType();
        if (type != null && type.toLowerCase(Locale.ROOT).startsWith(FORM)) {
            parameters.addForm(read, charset(StandardCharsets.UTF_8));
        } else if (Multipart.isOne(type)) {
            fields(parameters);
        }
        return parameters.map();
    }

    private void fields(Parameters parameters) {
        try {
            for (Part part : getParts()) {
                if (part.getSubmittedFileName() == null) {
                    byte[] value = part.getInputStream().readAllBytes();
                    parameters.add(part.getName(), new String(value, charset(StandardCharsets.UTF_8)));
                }
            }
        } catch (IOException | ServletException e) {
            // Whoever asks for the parts hears of it.
        }
    }

    @Override
    public Collection<Part> getParts() throws IOException, ServletException {
        String type = getContentType();
        if (body == null) {
            return super.getParts();
        }
        if (type == null || !Multipart.isOne(type)) {
            throw new ServletException("the request has no body of type multipart/form-data");
        }
        if (parts == null) {
            File directory = (File) getServletContext().getAttribute(ServletContext.TEMPDIR);
            parts = Multipart.parts(
                    body, type, charset(StandardCharsets.UTF_8), directory == null ? Path.of("") : directory.toPath());
        }
        return Collections.unmodifiableList(parts);
    }

    @Override
    public @Nullable Part getPart(String name) throws IOException, ServletException {
        return body == null
                ? super.getPart(name)
                : getParts().stream()
                        .filter(part -> part.getName().equals(name))
                        .findFirst()
                        .orElse(null);
    }

    /** A request whose content type names another charset than one that is known was refused. */
    private Charset charset(Charset otherwise) {
        String name = getCharacterEncoding();
        return name == null ? otherwise : Charset.forName(name);
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        if (body == null) {
            return super.getInputStream();
        }
        if (input == null) {
            input = new BufferedInput(body);
        }
        return input;
    }

    @Override
    public BufferedReader getReader() throws IOException {
        if (body == null) {
            return super.getReader();
        }
        if (reader == null) {
            reader = new BufferedReader(new InputStreamReader(getInputStream(), charset(StandardCharsets.ISO_8859_1)));
        }
        return reader;
    }
}
