# One host name for all functions. Without `domain`, none of this exists.
locals {
  has_domain = var.domain != null
  origin     = local.has_domain ? "https://${var.domain}" : null

  balanced = local.has_domain ? local.functions : {}

  # A release tests its candidates before they get traffic. Only the header x-revision leads to them, no path does.
  backends = merge([for revision in ["live", "candidate"] : { for name in keys(local.balanced) : "${name}/${revision}" => { function = name, revision = revision } }]...)

  # Only the summary and its history are cacheable, as their Cache-Control says. Event streams never end; the rest is private.
  cached = ["is-bitcoin-lit/live"]

  routes = flatten([for name, it in local.balanced : [for path, methods in it.routes : {
    backend = "${name}/live"
    path    = path
    # The path up to its first parameter.
    prefix = strcontains(path, "{") ? split("{", path)[0] : null
    # Two functions may share a path. The one that writes gets its own methods, the one that reads gets all others.
    methods = length([for other in values(local.balanced) : other if contains(keys(other.routes), path)]) > 1 && !strcontains(methods, "GET") ? split(" ", methods) : []
  }]])

  # More specific rules come first: those with methods, then whole paths, then longer prefixes.
  route_order = { for route in local.routes : join(" ", [length(route.methods) > 0 ? "0" : "1", route.prefix == null ? "0" : "1", format("%03d", 999 - length(route.path)), route.path]) => route }
}

resource "google_compute_region_network_endpoint_group" "function" {
  for_each = local.backends

  name                  = "${var.name}-${replace(each.key, "/", "-")}"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloud_run_v2_service.function[each.value.function].name
    tag     = each.value.revision == "candidate" ? "candidate" : null
  }
}

resource "google_compute_backend_service" "function" {
  for_each = local.backends

  name                  = "${var.name}-${replace(each.key, "/", "-")}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  enable_cdn            = contains(local.cached, each.key)

  backend {
    group = google_compute_region_network_endpoint_group.function[each.key].id
  }

  dynamic "cdn_policy" {
    for_each = contains(local.cached, each.key) ? ["USE_ORIGIN_HEADERS"] : []
    content {
      cache_mode = cdn_policy.value
    }
  }
}

resource "google_compute_url_map" "this" {
  count = local.has_domain ? 1 : 0

  name            = var.name
  default_service = google_compute_backend_service.function["docs/live"].id

  host_rule {
    hosts        = [var.domain]
    path_matcher = "functions"
  }

  path_matcher {
    name            = "functions"
    default_service = google_compute_backend_service.function["docs/live"].id

    # Every function has /health, /ready and /startup. These rules select the function by header.
    dynamic "route_rules" {
      for_each = keys(local.backends)
      content {
        priority = route_rules.key
        service  = google_compute_backend_service.function[route_rules.value].id
        match_rules {
          prefix_match = "/"
          header_matches {
            header_name = "x-revision"
            exact_match = route_rules.value
          }
        }
      }
    }

    dynamic "route_rules" {
      for_each = values(local.route_order)
      content {
        priority = 100 + route_rules.key
        service  = google_compute_backend_service.function[route_rules.value.backend].id
        dynamic "match_rules" {
          for_each = length(route_rules.value.methods) > 0 ? route_rules.value.methods : [null]
          content {
            full_path_match = route_rules.value.prefix == null ? route_rules.value.path : null
            prefix_match    = route_rules.value.prefix
            dynamic "header_matches" {
              for_each = compact([match_rules.value])
              content {
                header_name = ":method"
                exact_match = header_matches.value
              }
            }
          }
        }
      }
    }
  }
}

resource "google_compute_global_address" "balancer" {
  count = local.has_domain ? 1 : 0

  name = "${var.name}-balancer"

  depends_on = [google_project_service.this]
}

resource "google_compute_managed_ssl_certificate" "this" {
  count = local.has_domain ? 1 : 0

  # A new domain needs a new certificate while the old one is still in use.
  name = "${var.name}-${substr(sha256(var.domain), 0, 8)}"

  managed {
    domains = [var.domain]
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_project_service.this]
}

resource "google_compute_ssl_policy" "this" {
  count = local.has_domain ? 1 : 0

  name            = var.name
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.this]
}

resource "google_compute_target_https_proxy" "this" {
  count = local.has_domain ? 1 : 0

  name             = var.name
  url_map          = google_compute_url_map.this[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.this[0].id]
  ssl_policy       = google_compute_ssl_policy.this[0].id
}

resource "google_compute_url_map" "to_https" {
  count = local.has_domain ? 1 : 0

  name = "${var.name}-to-https"

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
    strip_query            = false
  }

  depends_on = [google_project_service.this]
}

resource "google_compute_target_http_proxy" "this" {
  count = local.has_domain ? 1 : 0

  name    = "${var.name}-to-https"
  url_map = google_compute_url_map.to_https[0].id
}

resource "google_compute_global_forwarding_rule" "this" {
  for_each = local.has_domain ? {
    443 = google_compute_target_https_proxy.this[0].id
    80  = google_compute_target_http_proxy.this[0].id
  } : {}

  name                  = "${var.name}-${each.key}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.balancer[0].id
  port_range            = each.key
  target                = each.value
}
