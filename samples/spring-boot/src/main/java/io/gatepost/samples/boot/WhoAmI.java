package io.gatepost.samples.boot;

import io.gatepost.policy.VerifiedToken;
import io.gatepost.servlet.PolicyFilter;
import java.security.Principal;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RestController;

/** Says who asks, by what the filter leaves in the request. */
@RestController
class WhoAmI {
    @GetMapping("/whoami")
    Map<String, String> whoAmI(Principal subject, @RequestAttribute(PolicyFilter.TOKEN_ATTRIBUTE) VerifiedToken token) {
        return Map.of("subject", subject.getName(), "issuer", token.issuer());
    }
}
