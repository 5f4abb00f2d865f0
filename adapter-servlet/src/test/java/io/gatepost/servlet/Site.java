package io.gatepost.servlet;

import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.util.List;

/**
 * What is deployed in a container.
 *
 * @param context the context's path; empty for the root
 * @param mapping what the servlet is mapped to
 * @param guards filters mapped to every path and all dispatches, in order
 * @param behind filters behind those, mapped to every path of a REQUEST only, in order
 * @param servlet what answers
 */
record Site(String context, String mapping, List<Filter> guards, List<Filter> behind, Servlet servlet) {
    static Site of(Filter guard, Servlet servlet) {
        return new Site("", "/*", List.of(guard), List.of(), servlet);
    }

    Site behind(Filter... filters) {
        return new Site(context, mapping, guards, List.of(filters), servlet);
    }

    Site at(String path, String pattern) {
        return new Site(path, pattern, guards, behind, servlet);
    }
}
