package io.gatepost.routes.manifest;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.model.ObjectName;
import java.util.Map;
import java.util.Set;

/**
 * A {@code Secret}. Its text form holds no values.
 *
 * @param name the object's name
 * @param values the decoded values of {@code data}, overridden by those of {@code stringData}; values that are not
 *     UTF-8 text are left out
 * @param variables the variables of the environment that it takes
 * @param origin where the document starts
 */
public record Secret(ObjectName name, Map<String, String> values, Set<String> variables, Origin origin) {
    public Secret {
        values = Map.copyOf(values);
        variables = Set.copyOf(variables);
    }

    @Override
    public String toString() {
        return "Secret[name=" + name + ", keys=" + values.keySet() + "]";
    }
}
