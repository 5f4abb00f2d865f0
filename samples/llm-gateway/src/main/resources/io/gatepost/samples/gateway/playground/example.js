/** What the page starts with: a policy that says who may ask which model, and a request that it refuses. */
export const example = {
  policy: `apiVersion: agentgateway.dev/v1alpha1
kind: AgentgatewayPolicy
metadata:
  name: models-by-team
spec:
  targetRefs:
    - {group: gateway.networking.k8s.io, kind: HTTPRoute, name: openai}
  traffic:
    jwtAuthentication:
      mode: Strict
      providers:
        - issuer: https://id.example.com
          audiences: [llm]
          tokenType: at+jwt
          jwks:
            remote: {url: https://id.example.com/jwks}
    authorization:
      action: Allow
      policy:
        matchExpressions:
          - >-
            request.method == "POST" && "research" in jwt.teams
            && (llm.requestModel == "gpt-4.1-nano" || jwt.tier == "gold")
`,
  given: true,
  claims: `{
  "iss": "https://id.example.com",
  "sub": "alice",
  "teams": ["research"],
  "tier": "silver"
}`,
  method: 'POST',
  uri: '/v1/chat/completions',
  headers: 'content-type: application/json',
  body: '{"model": "gpt-4.1", "messages": [{"role": "user", "content": "What is a JWT?"}]}',
  at: '',
  source: '',
  route: '',
};
