package io.gatepost.undertow;

import java.io.IOException;

/** What an upstream sent is no response that everybody reads alike. Its message holds nothing of the response. */
final class MalformedResponseException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedResponseException(String problem) {
        super(problem);
    }
}
