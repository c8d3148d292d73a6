output "urls" {
  description = "Where each function is."
  value       = local.urls
}

output "deployer" {
  description = "The account that runs cloudbuild.yaml, for `gcloud builds submit --service-account`."
  value       = google_service_account.deployer.id
}

output "source_bucket" {
  description = "Where sources are staged, for `gcloud builds submit --gcs-source-staging-dir`."
  value       = google_storage_bucket.sources.url
}

output "region" {
  description = "The one region of all parts."
  value       = var.region
}

output "substitutions" {
  description = "What cloudbuild.yaml needs to know, for `gcloud builds submit --substitutions`."
  value       = local.substitutions
}

output "stores" {
  description = "Each store that exists: the resource that holds its data, and where it is reached, for `npm run copy`."
  value       = { for kind in local.stores : kind => merge({ id = local.store_ids[kind] }, local.store_endpoints[kind]) }
}

output "origin" {
  description = "The one origin of all functions: https:// and the domain; null without a domain."
  value       = local.origin
}

output "address" {
  description = "Where the domain's A record must point; null without a domain."
  value       = one(google_compute_global_address.balancer[*].address)
}
