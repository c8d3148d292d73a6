mock_provider "google" {
  source = "./tests/google"
}

variables {
  project_id          = "demo-project"
  deletion_protection = false
}

run "without_a_domain_there_is_no_load_balancer" {
  assert {
    condition     = length(google_compute_url_map.this) + length(google_compute_url_map.to_https) + length(google_compute_backend_service.function) + length(google_compute_global_address.balancer) + length(google_compute_global_forwarding_rule.this) + length(google_compute_ssl_policy.this) == 0
    error_message = "A load balancer costs money, so it must exist only with a domain."
  }
  assert {
    condition     = alltrue([for it in google_cloud_run_v2_service.function : it.ingress == "INGRESS_TRAFFIC_ALL" && it.custom_audiences == null])
    error_message = "Each function must be reachable at its own URL."
  }
  assert {
    condition     = length(split(",", output.substitutions._FUNCTION_URLS)) == length(local.functions) && strcontains(output.substitutions._FUNCTION_URLS, "user-read=https://function-abc-ew.a.run.app")
    error_message = "docs must get the URL of every function."
  }
  assert {
    condition     = output.substitutions._SETTINGS == "CORS_ORIGINS=https://function-abc-ew.a.run.app,https://function-123.europe-west1.run.app"
    error_message = "CORS must allow both origins of the docs page."
  }
}

run "the_docs_origins_are_added_to_given_origins" {
  variables {
    settings = { CORS_ORIGINS = "https://example.com", LOG_LEVEL = "debug" }
  }
  assert {
    condition     = output.substitutions._SETTINGS == "CORS_ORIGINS=https://example.com,https://function-abc-ew.a.run.app,https://function-123.europe-west1.run.app;LOG_LEVEL=debug"
    error_message = "CORS must allow the given origin and the docs page."
  }
}

run "a_wildcard_origin_stays_a_wildcard" {
  variables {
    settings = { CORS_ORIGINS = "*" }
  }
  assert {
    condition     = output.substitutions._SETTINGS == "CORS_ORIGINS=*"
    error_message = "Nothing must be added to *."
  }
}

run "a_domain_is_the_one_way_in" {
  variables {
    domain = "lit.example.com"
  }
  assert {
    condition     = alltrue([for it in google_cloud_run_v2_service.function : it.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"])
    error_message = "No request may bypass the load balancer."
  }
  assert {
    condition     = alltrue([for name, it in google_cloud_run_v2_service.function : (local.functions[name].access == "private") == (it.custom_audiences == tolist(["https://lit.example.com"]))])
    error_message = "Exactly the private functions must accept tokens for the domain."
  }
  assert {
    condition     = output.origin == "https://lit.example.com" && output.substitutions._FUNCTION_URLS == "" && output.substitutions._SETTINGS == "TRUSTED_PROXY_HOPS=2"
    error_message = "There must be one origin, and one more trusted proxy."
  }
  assert {
    condition     = toset(keys(google_compute_global_forwarding_rule.this)) == toset(["80", "443"]) && google_compute_url_map.to_https[0].default_url_redirect[0].https_redirect
    error_message = "HTTP must redirect to HTTPS."
  }
  assert {
    condition     = google_compute_managed_ssl_certificate.this[0].managed[0].domains == tolist(["lit.example.com"])
    error_message = "The certificate must be for the domain."
  }
  assert {
    condition     = [for name, it in google_compute_backend_service.function : name if it.enable_cdn] == ["is-bitcoin-lit/live"] && google_compute_backend_service.function["is-bitcoin-lit/live"].cdn_policy[0].cache_mode == "USE_ORIGIN_HEADERS"
    error_message = "The CDN must cache only the summary, as its Cache-Control says."
  }
}

run "every_route_of_the_manifest_leads_to_its_function" {
  variables {
    domain = "lit.example.com"
  }
  assert {
    condition = alltrue(flatten([for name, it in local.functions : [for path, methods in it.routes : [for method in split(" ", methods) :
      # The first rule, by priority, that matches this path and method.
      [for rule in values(local.route_order) : rule.backend if(rule.prefix == null ? rule.path == path : startswith(path, rule.prefix)) && (length(rule.methods) == 0 || contains(rule.methods, method))][0] == "${name}/live"
    ]]]))
    error_message = "Every route must lead to its own function."
  }
  assert {
    condition     = length(google_compute_url_map.this[0].path_matcher[0].route_rules) == length(local.routes) + length(local.backends) && length(distinct(google_compute_url_map.this[0].path_matcher[0].route_rules[*].priority)) == length(local.routes) + length(local.backends)
    error_message = "Each rule must have its own priority."
  }
}
