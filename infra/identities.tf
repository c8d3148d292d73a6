# One account per function, so that a compromised function cannot act as another.
resource "google_service_account" "function" {
  for_each = local.functions

  account_id   = each.value.service_account
  display_name = "Function ${each.key}"

  depends_on = [google_project_service.this]
}

resource "google_service_account" "scheduler" {
  account_id   = "${var.name}-scheduler"
  display_name = "Calls refresh every minute"

  depends_on = [google_project_service.this]
}

# Runs cloudbuild.yaml: checks, deploys and tests the functions. It cannot change who may call them.
resource "google_service_account" "deployer" {
  account_id   = "${var.name}-deployer"
  display_name = "Deploys the functions"

  depends_on = [google_project_service.this]
}

# Runs the buildpacks, which run the install scripts of dependencies. It can only read sources and push images.
resource "google_service_account" "builder" {
  account_id   = "${var.name}-builder"
  display_name = "Builds the functions"

  depends_on = [google_project_service.this]
}

resource "google_project_iam_member" "deployer" {
  for_each = toset([
    "roles/logging.logWriter",
    "roles/run.sourceDeveloper",
    "roles/serviceusage.serviceUsageConsumer",
  ])

  project = var.project_id
  role    = each.key
  member  = google_service_account.deployer.member
}

resource "google_project_iam_member" "builder" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.builder.member
}

# To deploy a revision, the deployer must be allowed to act as the accounts that build and run it.
resource "google_service_account_iam_member" "acts_as_function" {
  for_each = local.functions

  service_account_id = google_service_account.function[each.key].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.deployer.member
}

resource "google_service_account_iam_member" "acts_as_builder" {
  service_account_id = google_service_account.builder.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.deployer.member
}

# The smoke test calls the private functions with identity tokens of this account.
resource "google_service_account_iam_member" "smoke_token" {
  service_account_id = google_service_account.deployer.name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = google_service_account.deployer.member
}
