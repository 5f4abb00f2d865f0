package io.gatepost.samples.boot;

import io.gatepost.policy.VerifiedToken;
import io.gatepost.servlet.PolicyFilter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Says who asks, by what the filter leaves in the request. */
@RestController
class WhoAmI {
    @GetMapping("/whoami")
    Map<String, String> whoAmI(HttpServletRequest request) {
        VerifiedToken token = (VerifiedToken) request.getAttribute(PolicyFilter.TOKEN_ATTRIBUTE);
        return Map.of("subject", request.getUserPrincipal().getName(), "issuer", token.issuer());
    }
}
