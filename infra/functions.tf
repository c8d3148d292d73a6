locals {
  # Generated from functions/manifest.ts by `npm run generate`.
  functions = jsondecode(file("${path.module}/functions.json"))

  private_functions = { for name, it in local.functions : name => it if it.access == "private" }

  callers = concat(var.invokers, ["deployer"])
  private_callers = {
    for pair in setproduct(keys(local.private_functions), local.callers) :
    "${pair[0]}/${pair[1]}" => { function = pair[0], caller = pair[1] }
  }
}

# Terraform creates each service with Google's placeholder page, because invoker rights, URLs, the Scheduler job and uptime
# checks need the service to exist. After that, Cloud Build owns what runs in it.
resource "google_cloud_run_v2_service" "function" {
  for_each = local.functions

  name        = each.key
  location    = var.region
  description = each.value.summary
  # With a load balancer, no request may bypass it. Cloud Scheduler counts as internal.
  ingress = local.has_domain ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_ALL"
  # A client that calls the domain has a token whose audience is the domain.
  custom_audiences = local.has_domain && each.value.access == "private" ? [local.origin] : null
  # A grant to allUsers would fail in organizations with domain-restricted sharing.
  invoker_iam_disabled = each.value.access == "public"
  deletion_protection  = false

  template {
    service_account = google_service_account.function[each.key].email
    containers {
      image = "us-docker.pkg.dev/cloudrun/container/hello"
    }
  }

  lifecycle {
    ignore_changes = [annotations, build_config, client, client_version, labels, launch_stage, scaling, template, traffic]
  }
}

locals {
  urls = { for name, service in google_cloud_run_v2_service.function : name => service.uri }
}

resource "google_cloud_run_v2_service_iam_member" "private" {
  for_each = local.private_callers

  name     = google_cloud_run_v2_service.function[each.value.function].name
  location = var.region
  role     = "roles/run.invoker"
  member   = each.value.caller == "deployer" ? google_service_account.deployer.member : each.value.caller
}

resource "google_cloud_run_v2_service_iam_member" "scheduler" {
  name     = google_cloud_run_v2_service.function["refresh"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}
